/** A placeholder of definition files: of `NAME`, or of `NAME:-default`. */
export function placeholder(text: string): string {
  return `\${env:${text}}`;
}
