import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fileSecrets } from '../../src/expression/file-secrets.js';
import { envSecrets, secretResolver } from '../../src/expression/secrets.js';

const base = mkdtempSync(join(tmpdir(), 'sluice-secrets-'));
const folder = join(base, 'secrets');
mkdirSync(join(folder, 'db', '..data'), { recursive: true });
mkdirSync(join(base, 'secrets-other'));
writeFileSync(join(base, 'secrets-other', 'x'), 'outside');
writeFileSync(join(folder, 'token'), 'abc\n');
writeFileSync(join(folder, 'all.json'), '{"user": "u", "port": 5}');
writeFileSync(join(folder, 'db', '..data', 'password'), 'pw');
symlinkSync(join('..data', 'password'), join(folder, 'db', 'password'));
symlinkSync(join(base, 'secrets-other', 'x'), join(folder, 'leak'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const get = secretResolver({
  env: envSecrets({ TOKEN: 't', JSON: '{"a": 1}', BROKEN: '{' }),
  file: fileSecrets(folder),
});

describe('found', () => {
  test.each([
    ['/env/TOKEN', 't'],
    ['/env/JSON:a', 1],
    ['/file/token', 'abc'],
    ['/file/all.json:user', 'u'],
    ['/file/all.json:port', 5],
    ['/file/db:password', 'pw'],
    ['/file/db/password', 'pw'],
  ])('%s', (reference, value) => {
    expect(get(reference)).toBe(value);
  });
});

describe('refused', () => {
  test.each([
    ['token', /a reference to a secret is/],
    ['/vault/a:b', /no provider of secrets "vault"; there is env, file/],
    ['/constructor/a', /no provider/],
    ['/env/NOPE', /no secret \/env\/NOPE/],
    ['/env/toString', /no secret/],
    ['/env/JSON:b', /no secret/],
    ['/env/BROKEN:a', /variable BROKEN is not JSON/],
    ['/file/nope', /no secret/],
    ['/file/all.json:nope', /no secret/],
    ['/file/all.json:__proto__', /no secret/],
    ['/file/db', /is a folder/],
    ['/file/token/x', /no secret/],
    ['/file/../secrets-other/x', /leads out/],
    ['/file/db:../../secrets-other/x', /leads out/],
    ['/file/leak', /leads out/],
    ['/file/../../../../../../other', /leads out/],
    ['/file/a\0b', /null character/],
  ])('%s', (reference, message) => {
    expect(() => get(reference)).toThrow(message);
  });
});

test('a file that was rotated is read again', async () => {
  const file = join(folder, 'rotating');
  writeFileSync(file, 'one');
  const soon = fileSecrets(folder, 0);
  expect(soon('rotating', undefined)).toBe('one');
  writeFileSync(file, 'two');
  expect(soon('rotating', undefined)).toBe('two');
});
