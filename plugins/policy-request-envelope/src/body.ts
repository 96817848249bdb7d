import { isUtf8 } from 'node:buffer';
import { type Message, parseJson, SluiceError } from '@sluice/core';
import { type Members, membersOf } from './request-members.js';

/** What Kong sends as text; any other type but the parsed ones is base64. */
const TEXT_TYPES = ['text/plain', 'text/html', 'application/xml', 'text/xml', 'application/soap+xml'];

/**
 * `body`, and what goes with it: `body_args` of a form or JSON, `body_base64` true where the body is base64, which is
 * what is not one of the known text types, and what is not UTF-8 whatever its type says. A tombstone has none.
 * @throws SluiceError status 400, key `REQUEST_BODY_INVALID`, when a form or JSON cannot be read: nothing is published
 */
export async function bodyMembers({ content }: Message, contentType = ''): Promise<Members> {
  if (content === null) return {};
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const args = await parsedBody(content, type, contentType);
  if (isUtf8(content) && (args !== undefined || TEXT_TYPES.includes(type))) {
    return { body: content.toString('utf8'), ...(args === undefined ? {} : { body_args: args }) };
  }
  const body = { body: content.toString('base64'), body_base64: true };
  return args === undefined ? body : { ...body, body_args: args };
}

/** The arguments of a form, or the value of JSON; undefined for other types. */
async function parsedBody(content: Buffer, type: string, contentType: string): Promise<unknown> {
  try {
    if (type === 'application/json') return parseJson(content.toString('utf8'));
    if (type === 'application/x-www-form-urlencoded') {
      return membersOf([...new URLSearchParams(content.toString('utf8'))]);
    }
    if (type === 'multipart/form-data') return await multipart(content, contentType);
    return undefined;
  } catch (cause) {
    throw new SluiceError('POLICY_INTERRUPTED', {
      status: 400,
      code: 'REQUEST_BODY_INVALID',
      message: `The body is not valid ${type}`,
      cause,
    });
  }
}

/** The parts of a form (RFC 7578) by name; of a file its text. */
async function multipart(content: Buffer, contentType: string): Promise<Members> {
  const form = await new Response(content, { headers: { 'content-type': contentType } }).formData();
  const pairs = [...form].map(
    async ([name, value]): Promise<[string, string]> => [
      name,
      typeof value === 'string' ? value : await value.text(),
    ],
  );
  return membersOf(await Promise.all(pairs));
}
