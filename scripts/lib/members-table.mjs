import { between } from './between.mjs';
import { row } from './option-table.mjs';

/** docs/definitions.md with its table of members brought up to date, and the list of those of a management API. */
export function withMembers(page, members, { api, plan }) {
  const names = (list) => list.map((name) => `\`${name}\``).join(', ');
  const kept = `of an API ${names(api)}; of a plan ${names(plan)}.\n`;
  const listed = between(page, 'management', kept, 'docs/definitions.md');
  return between(listed, 'members', membersTable(members), 'docs/definitions.md');
}

function membersTable(members) {
  const rows = members.map(([path, { kind, about }]) => row([`\`${path}\``, WORDS[kind], about]));
  return [row(['member', '', '']), row(['---', '---', '---']), ...rows, ''].join('\n');
}

const WORDS = { honoured: 'honoured', descriptive: 'for people', warned: 'warned of' };
