import { between } from './between.mjs';
import { row } from './option-table.mjs';

/** docs/definitions.md with its table of members brought up to date. */
export function withMembers(page, members) {
  return between(page, 'members', membersTable(members), 'docs/definitions.md');
}

function membersTable(members) {
  const rows = members.map(([path, { kind, about }]) => row([`\`${path}\``, WORDS[kind], about]));
  return [row(['member', '', '']), row(['---', '---', '---']), ...rows, ''].join('\n');
}

const WORDS = { honoured: 'honoured', descriptive: 'for people', warned: 'warned of' };
