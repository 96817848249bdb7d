const WIDTH = 760;
const ROW = 26;
const LEFT = 420;

/** The rows with their ratios as bars, and a mark at each target; an SVG. */
export function chart({ date, cpu, cores, results }) {
  const height = results.length * ROW + 60;
  const scale = (ratio) => Math.min(ratio, 1.2) * ((WIDTH - LEFT - 60) / 1.2);
  const rows = results.map(({ title, ratio, target }, index) => {
    const y = 34 + index * ROW;
    const mark =
      target === null
        ? ''
        : `<path d="M${LEFT + scale(target)} ${y - 3}v18" stroke="#333" stroke-width="2"/>`;
    const colour = target === null ? '#8aa' : ratio >= target ? '#3a7' : '#c63';
    return `<text x="8" y="${y + 10}">${quoted(title)}</text><rect x="${LEFT}" y="${y}" width="${scale(ratio).toFixed(1)}" height="12" fill="${colour}"/>${mark}<text x="${(LEFT + scale(ratio) + 6).toFixed(1)}" y="${y + 10}">${ratio.toFixed(2)}</text>`;
  });
  const head = `ratio to the floor on the same machine, ${date}, ${cores} cores (${cpu ?? 'unknown'}); | is the target`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11"><title>Ratios of the benchmarks</title><text x="8" y="16" font-size="12">${quoted(head)}</text>${rows.join('')}</svg>\n`;
}

function quoted(text) {
  return text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char]);
}
