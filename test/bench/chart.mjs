const WIDTH = 760;
const ROW = 26;
const LEFT = 440;

/** The figures that have a ratio to be reached, as bars, green where it is reached; an SVG. */
export function chart({ cpu, cores, node }, figures) {
  const shown = figures.filter(({ ratio, unit, target }) => ratio !== null && target && unit.endsWith('/s'));
  const height = shown.length * ROW + 60;
  const scale = (ratio) => Math.min(ratio, 1.2) * ((WIDTH - LEFT - 60) / 1.2);
  const rows = shown.map(({ title, ratio, target, met }, index) => {
    const y = 34 + index * ROW;
    const at = LEFT + scale(Number(/[\d.]+/.exec(target)[0]));
    const mark = `<path d="M${at.toFixed(1)} ${y - 3}v18" stroke="#333" stroke-width="2"/>`;
    return `<text x="8" y="${y + 10}">${quoted(title)}</text><rect x="${LEFT}" y="${y}" width="${scale(ratio).toFixed(1)}" height="12" fill="${met ? '#3a7' : '#c63'}"/>${mark}<text x="${(LEFT + scale(ratio) + 6).toFixed(1)}" y="${y + 10}">${ratio.toFixed(2)}</text>`;
  });
  const head = `ratio to the floor on the same machine, ${cores} cores (${cpu ?? 'unknown'}), Node ${node}; | is the target`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11"><title>Ratios of the benchmarks</title><text x="8" y="16" font-size="12">${quoted(head)}</text>${rows.join('')}</svg>\n`;
}

function quoted(text) {
  return text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char]);
}
