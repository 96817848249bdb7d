import { describe, expect, it } from 'vitest';
import { JaasError, parseJaas } from '../src/security/jaas.js';

const read: readonly (readonly [text: string, module: string, options: Readonly<Record<string, string>>])[] =
  [
    [
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";',
      'PlainLoginModule',
      { username: 'u', password: 'p' },
    ],
    ['software.amazon.msk.auth.iam.IAMLoginModule required;', 'IAMLoginModule', {}],
    [
      'a.b.C required awsRoleArn="arn:aws:iam::123456789012:role/r"  awsRoleAccessKeyId="ID" awsRoleSecretAccessKey="S/+=";',
      'C',
      {
        awsRoleArn: 'arn:aws:iam::123456789012:role/r',
        awsRoleAccessKeyId: 'ID',
        awsRoleSecretAccessKey: 'S/+=',
      },
    ],
    [
      'PlainLoginModule required username="$ConnectionString" password="Endpoint=sb://x.servicebus.windows.net/;SharedAccessKey=a=";',
      'PlainLoginModule',
      {
        username: '$ConnectionString',
        password: 'Endpoint=sb://x.servicebus.windows.net/;SharedAccessKey=a=',
      },
    ],
    ['M REQUIRED a = "x\\"y\\\\z" b=\'it "is"\' ;', 'M', { a: 'x"y\\z', b: 'it "is"' }],
    [
      'M required useKeyTab=true keyTab=/etc/k.keytab principal="a/b@C.D";',
      'M',
      { useKeyTab: 'true', keyTab: '/etc/k.keytab', principal: 'a/b@C.D' },
    ],
    ['M /* one */ required // two\n a="";', 'M', { a: '' }],
    ['  M\nrequired\n\ta="1"\n;\n', 'M', { a: '1' }],
  ];

const refused: readonly (readonly [text: string, reason: RegExp])[] = [
  ['', /the login module is missing/],
  ['M', /control flag \(required\) is missing/],
  ['M username="u";', /control flag \(required\) is missing at column 3/],
  ['M required username="u"', /the semicolon is missing/],
  ['M required username;', /= is missing after username/],
  ['M required username=;', /the value of username is missing/],
  ['M required username="u;', /the quote that opens at column 21 is not closed/],
  ['M required a=1 a=2;', /a stands there twice/],
  ['M required a=1; N required;', /one login module may be given; another begins at column 17/],
  ['M required ="x";', /the name of an option is missing at column 12/],
];

describe('a line of a JAAS file', () => {
  it.each(read)('%s', (text, module, options) => {
    const entry = parseJaas(text);
    expect([entry.module, Object.fromEntries(entry.options)]).toEqual([module, options]);
  });

  it.each(refused)('%s is refused', (text, reason) => {
    expect(() => parseJaas(text)).toThrow(reason);
    expect(() => parseJaas(text)).toThrow(JaasError);
  });

  it('never shows a value in what it says', () => {
    for (const text of ['M required password="top-secret"', 'M required password="top-secret']) {
      expect(() => parseJaas(text)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('secret') }),
      );
    }
  });
});
