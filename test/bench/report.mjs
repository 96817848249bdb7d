/** A number as people read it: three digits that count, or whole where it is large. */
export function shown(number) {
  if (number === null || number === undefined) return '–';
  const digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  return number.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `0.83 (0.80-0.91)`. */
export function ratioText({ ratio, spread }) {
  if (ratio === null) return '–';
  const [from, to] = spread.map((one) => one.toFixed(2));
  return `${ratio.toFixed(2)} (${from}-${to})`;
}

/** One line of the terminal. */
export function line({ title, floor, ours, unit, ratio, spread, target, met, note }) {
  const beside = floor === null ? '' : ` beside ${shown(floor)}, ratio ${ratioText({ ratio, spread })}`;
  const judged = target === undefined ? '' : met ? `  met (${target})` : `  MISSED (${target})`;
  return `${title}: ${shown(ours)} ${unit}${beside}${judged}${note === undefined ? '' : `  [${note}]`}`;
}
