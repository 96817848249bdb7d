/**
 * A page with what stands between two marks brought up to date; the rest stays.
 * @throws Error naming the page when it lacks the marks `<!-- NAME -->` and `<!-- /NAME -->`
 */
export function between(page, name, content, label) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${label} needs the lines ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n${content}${page.slice(to)}`;
}
