import { descriptive, type FormatMember, honoured, warned } from './fate.js';

const FLOWS = 'test/contract/flows.test.ts';
const SELECTED = 'core/test/runtime/flow';
const EVERYTHING = 'in a message API an http selector selects everything; use a channel selector';
const MCP = { about: 'an mcp selector selects everything', when: (type: unknown) => type === 'mcp' };
const STEPS = 'test/contract/definition-flows.test.ts';

/** Members of the flows at a path. */
export function flowMembers(at: string): readonly FormatMember[] {
  return [
    [`${at}[].id`, descriptive('')],
    [`${at}[].name`, descriptive('In logs.')],
    [`${at}[].enabled`, honoured('', FLOWS)],
    [`${at}[].tags`, honoured('With the setting `tags` of the gateway.', 'test/contract/tags.test.ts')],
    [
      `${at}[].selectors[].type`,
      honoured('`channel` and `condition`; of `mcp` it is warned.', SELECTED, MCP),
    ],
    [`${at}[].selectors[].path`, warned(EVERYTHING, (path) => path !== '/' && path !== '')],
    [`${at}[].selectors[].pathOperator`, descriptive('Of `path`.')],
    [`${at}[].selectors[].methods`, warned(EVERYTHING)],
    [`${at}[].selectors[].operations`, honoured('', SELECTED)],
    [`${at}[].selectors[].channel`, honoured('', SELECTED)],
    [`${at}[].selectors[].channelOperator`, honoured('', STEPS)],
    [`${at}[].selectors[].entrypoints`, honoured('', SELECTED)],
    [`${at}[].selectors[].condition`, honoured('', SELECTED)],
    // `*` is each phase: request, response, publish and subscribe.
    [`${at}[].*[].name`, descriptive('')],
    [`${at}[].*[].description`, descriptive('')],
    [`${at}[].*[].enabled`, honoured('', FLOWS)],
    [`${at}[].*[].policy`, honoured('', STEPS)],
    [`${at}[].*[].configuration`, honoured('See the page of the policy.', STEPS)],
    [`${at}[].*[].condition`, honoured('Evaluated once an exchange.', STEPS)],
    [`${at}[].*[].messageCondition`, honoured('Evaluated for each message.', STEPS)],
  ];
}
