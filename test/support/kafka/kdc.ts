import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { spawnGuarded } from './guarded-process.js';
import { freePorts } from './ports.js';

const run = promisify(execFile);
const REALM = 'SLUICE.TEST';
// Debian keeps them where only root looks.
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** A Kerberos key distribution centre of a realm of its own, on loopback. */
export interface Kdc {
  /** The configuration that clients of the realm need: `KRB5_CONFIG`, or Java's `java.security.krb5.conf`. */
  readonly config: string;
  /** Makes a principal, and a file with its key. */
  principal(name: string): Promise<{ readonly name: string; readonly keytab: string }>;
  stop(): Promise<void>;
}

/** Whether MIT Kerberos is installed. */
export function hasKdc(): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v krb5kdc && command -v kinit'], { env: { PATH }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts one; resolves when it answers. */
export async function startKdc(): Promise<Kdc> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kdc-'));
  const [port] = await freePorts(1);
  const file = (name: string) => join(folder, name);
  await mkdir(file('keys'));
  await writeFile(
    file('krb5.conf'),
    `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
`,
  );
  await writeFile(
    file('kdc.conf'),
    `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${file('principals')}
    key_stash_file = ${file('stash')}
    acl_file = ${file('acl')}
  }
[logging]
  kdc = FILE:${file('kdc.log')}
`,
  );
  const environment = { PATH, KRB5_CONFIG: file('krb5.conf'), KRB5_KDC_PROFILE: file('kdc.conf') };
  await run('kdb5_util', ['create', '-s', '-P', 'master', '-r', REALM], { env: environment });
  const kdc = spawnGuarded('krb5kdc', ['-n', '-r', REALM], {
    folder,
    stdout: 'ignore',
    stderr: 'ignore',
    env: environment,
  });
  const log = () => readFile(file('kdc.log'), 'utf8').catch(() => '');
  for (let waited = 0; !(await log()).includes('commencing operation'); waited += 20) {
    if (waited > 10_000) throw new Error(`the KDC did not start: ${await log()}`);
    await delay(20);
  }
  return {
    config: file('krb5.conf'),
    async principal(name) {
      const keytab = file(join('keys', name.replaceAll('/', '-')));
      const local = (query: string) => run('kadmin.local', ['-r', REALM, '-q', query], { env: environment });
      await local(`addprinc -randkey ${name}`);
      await local(`ktadd -k ${keytab} ${name}`);
      return { name: `${name}@${REALM}`, keytab };
    },
    async stop() {
      kdc.child.kill('SIGKILL');
      await kdc.exited;
      await rm(folder, { recursive: true, force: true });
      kdc.release();
    },
  };
}
