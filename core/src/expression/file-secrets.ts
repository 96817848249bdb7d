import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ExpressionFault } from './faults.js';
import { memberOf, type SecretProvider } from './secrets.js';

const MAX_BYTES = 1024 * 1024;

/**
 * The provider `file`: `/file/path` is a file below `folder` (without the line end it ends with), `/file/path:key` the
 * file `key` in a folder, as Kubernetes mounts a secret, or the member `key` of a file that is JSON. A file is read
 * again when it was read longer than `refreshMs` ago, so that a rotated secret is seen.
 */
export function fileSecrets(folder: string, refreshMs = 1000): SecretProvider {
  const read = new Map<string, { readonly text: string; readonly atMs: number }>();
  const textOf = (file: string): string => {
    const known = read.get(file);
    if (known !== undefined && Date.now() - known.atMs < refreshMs) return known.text;
    if (statSync(file).size > MAX_BYTES) throw new ExpressionFault('a secret is larger than 1 MiB');
    const text = readFileSync(file, 'utf8');
    read.set(file, { text, atMs: Date.now() });
    return text;
  };
  return (path, key) => {
    try {
      const file = within(folder, path);
      if (!statSync(file).isDirectory()) {
        const text = textOf(file);
        return key === undefined ? text.replace(/\r?\n$/, '') : memberOf(text, key, `the file ${path}`);
      }
      if (key === undefined) throw new ExpressionFault(`${path} is a folder: a key names the file in it`);
      return textOf(within(folder, join(path, key))).replace(/\r?\n$/, '');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      if (error instanceof ExpressionFault) throw error;
      throw new ExpressionFault(`${path} cannot be read (${code ?? 'unknown'})`);
    }
  };
}

/** The real path, links followed. @throws ExpressionFault when it is outside of the folder. */
function within(folder: string, path: string): string {
  const root = realpathSync(folder);
  if (path.includes('\0')) throw new ExpressionFault('a path of a secret has no null character');
  const inside = (file: string) => file === root || file.startsWith(root.endsWith(sep) ? root : root + sep);
  // Checked before links are followed, too: whether a file outside exists is nobody's business.
  const file = join(root, path);
  if (!inside(file) || !inside(realpathSync(file))) {
    throw new ExpressionFault('a path of a secret leads out of the folder of secrets');
  }
  return realpathSync(file);
}
