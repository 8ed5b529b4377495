// Undo: steps that change layers or take names say how to take that back, so that what fails changes nothing.

/** How to take back what the running step has changed so far; undefined outside of steps. */
let done: (() => void)[] | undefined

/** Says how to take back a change that was just made; nothing happens outside of a step. */
export function onUndo(undo: () => void): void {
  done?.push(undo)
}

/** Runs a step; when it throws, everything it changed is as before. Steps may be part of steps. */
export function allOrNothing<T>(step: () => T): T {
  return run(step, changes => done?.push(...changes))
}

/** Runs a step for its result; everything it changed is as before. */
export function rehearse<T>(step: () => T): T {
  return run(step, takeBack)
}

function run<T>(step: () => T, finish: (changes: readonly (() => void)[]) => void): T {
  const outer = done
  const changes: (() => void)[] = []
  done = changes
  let result: T
  try {
    result = step()
  } catch (error) {
    takeBack(changes)
    throw error
  } finally {
    done = outer
  }
  finish(changes)
  return result
}

function takeBack(changes: readonly (() => void)[]): void {
  for (const undo of [...changes].reverse()) undo()
}
