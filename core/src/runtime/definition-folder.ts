import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Problem } from '../definition/problem.js';
import { SUBSCRIPTION_SUFFIX } from '../subscription/files.js';

/** What the names of definition files end in. */
export const DEFINITION_SUFFIX = '.api.json';

/** A file of a folder of definitions, read. */
export interface FoundFile {
  /** Without its folder. */
  readonly name: string;
  /** As it is named in problems. */
  readonly file: string;
  readonly text: string;
}

/** The files that were read, in the order of their names, and those that cannot be. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the files of definitions, subscriptions and data files at some paths: folders with what they hold of these kinds,
 * and single files, which are taken for definitions when they have no name of another kind. Of several paths all files are
 * taken in the order of their names, as if they were in one folder.
 * @param suffixes of data files
 * @param named how a folder is named in problems; as it is given when absent
 * @throws Error when a folder cannot be read
 */
export async function readDefinitionFiles(
  paths: readonly string[],
  suffixes: readonly string[],
  named: (folder: string) => string = (folder) => folder,
): Promise<FoundFiles> {
  const kinds = [DEFINITION_SUFFIX, SUBSCRIPTION_SUFFIX, ...suffixes];
  const places = (await Promise.all(paths.map((path) => placesAt(path, kinds, named)))).flat();
  places.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const files: FoundFile[] = [];
  const problems: Problem[] = [];
  for (const { path, name, file } of places) {
    try {
      // Nothing else is to be done yet, and a thousand waits for small files take longer than reading them.
      files.push({ name, file, text: readFileSync(path, 'utf8') });
    } catch (error) {
      const message = `the file cannot be read (${(error as NodeJS.ErrnoException).code})`;
      problems.push({ severity: 'error', path: '$', file, message });
    }
  }
  return { files, problems };
}

/** @throws Error when a path is no folder that can be read */
export async function assertFolder(path: string): Promise<void> {
  await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the folder ${path} cannot be read (${error.code}); name one with --apis`);
  });
}

/** How `start` names the folder of its definitions: from where it was started. */
export function fromHere(folder: string): string {
  return relative(process.cwd(), folder);
}

interface Place {
  readonly path: string;
  readonly name: string;
  readonly file: string;
}

async function placesAt(
  path: string,
  kinds: readonly string[],
  named: (folder: string) => string,
): Promise<readonly Place[]> {
  const found = await stat(path).catch(() => undefined);
  // A missing file is reported when it is read.
  if (found?.isDirectory() !== true) return [{ path, name: basename(path), file: path }];
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the folder ${path} cannot be read (${error.code})`);
  });
  const folder = named(path);
  return names
    .filter((name) => kinds.some((suffix) => name.endsWith(suffix)))
    .map((name) => ({ path: join(path, name), name, file: join(folder, name) }));
}
