import { createHash, randomBytes } from 'node:crypto';
import type { Command } from 'commander';

/** Of a new key: as many as a SHA-256 holds, so that its digest cannot be searched for. */
const KEY_BYTES = 32;

/** `sluice api-key`: makes a key, and the entry that lets it in. The key itself is kept nowhere. */
export function addApiKeyCommand(program: Command): void {
  program
    .command('api-key')
    .description('make an API key, and the entry of an *.api-keys.json file that lets it in')
    .argument('<id>', 'the name of its subscription, such as the application it is for')
    .option('--key <key>', 'the entry of a key that is there already')
    .action((id: string, flags: { key?: string }) => {
      const key = flags.key ?? randomBytes(KEY_BYTES).toString('base64url');
      if (flags.key === undefined) console.error(`the key, shown once: ${key}\n`);
      const sha256 = createHash('sha256').update(key).digest('hex');
      console.log(JSON.stringify({ id, sha256 }));
    });
}
