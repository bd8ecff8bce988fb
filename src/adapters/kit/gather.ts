/** How items are gathered into batches. */
export interface Gathering<Item, Answer> {
  /** Two items of one key are never in one batch. */
  readonly keyOf: (item: Item) => string
  /** What an item weighs; a batch weighs at most `maxWeight`, unless one item alone is heavier. */
  readonly weightOf: (item: Item) => number
  readonly maxWeight: number
  readonly maxItems: number
  /** Batches under way at a time. */
  readonly maxRunning: number
  /** Does a batch, and answers each of its items, in their order, perhaps later. What it throws is thrown to all of them. */
  readonly work: (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>
}

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer | Promise<Answer>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Does together what is asked for at the same time: whatever comes while all batches are under way makes up the next one.
 * Nobody waits for others to come.
 */
export function gather<Item, Answer>(gathering: Gathering<Item, Answer>): (item: Item) => Promise<Answer> {
  const { keyOf, weightOf, maxWeight, maxItems, maxRunning, work } = gathering
  let waiting: Waiting<Item, Answer>[] = []
  let running = 0
  let isPlanned = false

  const takeBatch = () => {
    const batch: Waiting<Item, Answer>[] = []
    const left: Waiting<Item, Answer>[] = []
    const keys = new Set<string>()
    let weight = 0
    for (const [at, one] of waiting.entries()) {
      if (batch.length >= maxItems) {
        left.push(...waiting.slice(at))
        break
      }
      const key = keyOf(one.item)
      const isHeavy = batch.length > 0 && weight + weightOf(one.item) > maxWeight
      if (keys.has(key) || isHeavy) {
        left.push(one)
        continue
      }
      keys.add(key)
      weight += weightOf(one.item)
      batch.push(one)
    }
    waiting = left
    return batch
  }

  const run = async (batch: readonly Waiting<Item, Answer>[]) => {
    try {
      const answers = await work(batch.map(({ item }) => item))
      // work() answers each item.
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer | Promise<Answer>)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    running -= 1
    start()
  }

  const start = () => {
    while (running < maxRunning && waiting.length > 0) {
      running += 1
      void run(takeBatch())
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (isPlanned) return
      isPlanned = true
      // What arrives in the same turn of the event loop is one batch.
      setImmediate(() => {
        isPlanned = false
        start()
      })
    })
}
