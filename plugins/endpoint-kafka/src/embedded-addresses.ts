const addresses = new Set<string>();

/** Remembers the bootstrap servers of a cluster that runs inside this process. */
export function addEmbeddedCluster(bootstrapServers: string): void {
  addresses.add(bootstrapServers);
}

/** Forgets a cluster that has been stopped. */
export function removeEmbeddedCluster(bootstrapServers: string): void {
  addresses.delete(bootstrapServers);
}

/** Whether these bootstrap servers are a cluster inside this process. */
export function isEmbeddedCluster(bootstrapServers: string): boolean {
  return addresses.has(bootstrapServers);
}
