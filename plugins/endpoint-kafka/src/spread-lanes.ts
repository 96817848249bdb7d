import type { Lane, LaneOwner } from './lane.js';

/** Who may own lanes. */
export interface LaneTaker extends LaneOwner {
  readonly lanes: ReadonlySet<Lane>;
  grant(lane: Lane): void;
}

/** Gives every lane an owner, as evenly as can be, moving no more than that needs. */
export function spreadLanes(lanes: Iterable<Lane>, owners: readonly LaneTaker[]): void {
  if (owners.length === 0) return;
  const load = (owner: LaneTaker) => owner.lanes.size;
  const least = () => owners.reduce((a, b) => (load(b) < load(a) ? b : a));
  const most = () => owners.reduce((a, b) => (load(b) > load(a) ? b : a));
  for (const lane of lanes) {
    if (lane.owner === undefined) least().grant(lane);
  }
  while (load(most()) - load(least()) > 1) {
    const [lane] = most().lanes;
    if (lane === undefined) return;
    most().lost(lane);
    lane.release();
    least().grant(lane);
  }
}
