/** The middle one. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs floor and gateway in turn, `pairs` times, and gives the median of each, and the ratio with its spread. One at the
 * beginning is thrown away: it warms both up.
 * @param floor, ours each resolves with one figure, more being better
 */
export async function paired(pairs, floor, ours, progress = () => {}) {
  const figures = { floor: [], ours: [], ratios: [] };
  for (let pair = -1; pair < pairs; pair++) {
    const [a, b] = [await floor(), await ours()];
    progress(pair, a, b);
    if (pair < 0) continue;
    figures.floor.push(a);
    figures.ours.push(b);
    figures.ratios.push(b / a);
  }
  return {
    floor: median(figures.floor),
    ours: median(figures.ours),
    ratio: median(figures.ratios),
    spread: [Math.min(...figures.ratios), Math.max(...figures.ratios)],
    pairs,
  };
}
