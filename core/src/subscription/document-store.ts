import { chmod, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A document that was found, or a file that holds none. */
export type StoredDocument =
  | { readonly id: string; readonly document: unknown }
  | { readonly file: string; readonly fault: string };

/** JSON documents by id. Writes to one id take effect in the order of the calls. */
export interface DocumentStore {
  /** Every document there is. @throws Error when the folder cannot be read */
  all(): Promise<readonly StoredDocument[]>;
  /** Resolves when it outlives the process. @throws Error when it could not be written: what was there before stays */
  put(id: string, document: object): Promise<void>;
  /** Resolves when it is gone; also when there was none. */
  delete(id: string): Promise<void>;
}

/** A store that ends with the process. */
export function memoryStore(): DocumentStore {
  const documents = new Map<string, object>();
  return {
    all: async () => [...documents].map(([id, document]) => ({ id, document: structuredClone(document) })),
    put: async (id, document) => void documents.set(id, structuredClone(document)),
    delete: async (id) => void documents.delete(id),
  };
}

const SUFFIX = '.json';

/**
 * A store of one file a document, in a folder that only this user can read. A file is written beside, synced and put
 * in place by a rename, and the folder is synced: after a crash each document is the old one or the new one. A file
 * that holds no JSON object is told by `all` and left where it is. One process at a time may use the folder.
 */
export class FileStore implements DocumentStore {
  readonly #writing = new Map<string, Promise<unknown>>();

  private constructor(private readonly folder: string) {}

  /** Makes the folder when it is not there. @throws Error when it cannot be had */
  static async open(folder: string): Promise<FileStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    return new FileStore(folder);
  }

  async all(): Promise<readonly StoredDocument[]> {
    const found: StoredDocument[] = [];
    for (const name of (await readdir(this.folder)).sort()) {
      const file = join(this.folder, name);
      // Left by a process that died before the rename: what it should have replaced is still there.
      if (name.endsWith('.tmp')) await rm(file, { force: true });
      else if (name.endsWith(SUFFIX)) found.push(await read(file, name.slice(0, -SUFFIX.length)));
    }
    return found;
  }

  put(id: string, document: object): Promise<void> {
    return this.#inTurn(id, async () => {
      const text = `${JSON.stringify(document)}\n`;
      const file = join(this.folder, id + SUFFIX);
      const beside = `${file}.tmp`;
      const handle = await open(beside, 'w', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, file);
      await this.#syncFolder();
    });
  }

  delete(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      await rm(join(this.folder, id + SUFFIX), { force: true });
      await this.#syncFolder();
    });
  }

  async #syncFolder(): Promise<void> {
    const handle = await open(this.folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #inTurn(id: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#writing.get(id) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => {});
    this.#writing.set(id, settled);
    void settled.then(() => this.#writing.get(id) === settled && this.#writing.delete(id));
    return done;
  }
}

async function read(file: string, id: string): Promise<StoredDocument> {
  try {
    const document: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof document === 'object' && document !== null && !Array.isArray(document))
      return { id, document };
    return { file, fault: 'it holds no JSON object' };
  } catch (error) {
    return { file, fault: error instanceof Error ? error.message : String(error) };
  }
}
