// deepFreeze: whatever changes the options of a user fails at once.

/** Freezes plain objects and lists to any depth. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
