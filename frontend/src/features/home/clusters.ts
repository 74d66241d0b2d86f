/** Enterprises that would cover one another on the screen become one donut. */

export interface Placed<Item> {
  item: Item;
  x: number;
  y: number;
}

export interface Cluster<Item> {
  x: number;
  y: number;
  items: Item[];
}

/** Join what lies within `radius` pixels of a cluster's first member, in the given order. */
export function clustersOf<Item>(placed: readonly Placed<Item>[], radius: number): Cluster<Item>[] {
  const clusters: (Cluster<Item> & { seed: Placed<Item> })[] = [];
  for (const each of placed) {
    const near = clusters.find(({ seed }) => Math.hypot(seed.x - each.x, seed.y - each.y) < radius);
    if (near) join(near, each);
    else clusters.push({ x: each.x, y: each.y, items: [each.item], seed: each });
  }
  return clusters.map(({ x, y, items }) => ({ x, y, items }));
}

function join<Item>(cluster: Cluster<Item>, { item, x, y }: Placed<Item>): void {
  const count = cluster.items.push(item);
  cluster.x += (x - cluster.x) / count;
  cluster.y += (y - cluster.y) / count;
}
