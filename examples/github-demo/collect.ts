/** Everything that a listing has, page after page. */
export async function collect<Item>(listing: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const item of listing) items.push(item)
  return items
}
