import { optionsOf, optionTable } from './option-table.mjs';

const BEGIN = '<!-- options -->';
const END = '<!-- /options -->';

/** The generated part of a plugin's page. */
export function pluginOptions(plugin) {
  const options = [
    ...optionsOf(plugin.schema, 'configuration'),
    ...optionsOf(plugin.sharedSchema ?? {}, 'sharedConfiguration'),
    ...optionsOf(plugin.subscriptionSchema ?? {}, 'entrypointConfiguration'),
  ];
  return optionTable(options);
}

/** A plugin's page with its options brought up to date; what stands around the markers stays. */
export function pluginPage(plugin, before) {
  const page = before ?? `# \`${plugin.id}\` (${plugin.kind})\n\n${BEGIN}\n${END}\n`;
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from)
    throw new Error(`the page of "${plugin.id}" needs the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, from)}${BEGIN}\n${pluginOptions(plugin)}${page.slice(to)}`;
}
