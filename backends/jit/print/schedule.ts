// Prints a schedule: one line per kernel call, numbered as the memory map counts them; loops indented.

import type { KernelStep, Place, Schedule, Slot, Step } from '../schedule.js'
import { Labels } from './labels.js'

export function showSchedule(schedule: Schedule, labels: readonly string[] = new Labels().of(schedule)): string {
  const { prepare, steps, outputs, losses, updates } = schedule
  const place = ({ buffer, offset, perStep }: Place): string =>
    `${labels[buffer] ?? ''}${offset ? `+${offset}` : ''}${perStep ? `+${perStep}t` : ''}`
  const call = ({ kernel, places, origin }: KernelStep): string => {
    const [result, ...operands] = places.map(place)
    return `${result} = ${kernel.key} (${operands.join(', ')})${origin.length > 0 ? ` ; ${origin.join(', ')}` : ''}`
  }
  let clock = 0
  const lines = (step: Step, indent: string): string[] => {
    if ('kernel' in step) return [`${String(clock++).padStart(4)}  ${indent}${call(step)}`]
    const { count, reverse, body } = step
    return [`      ${indent}${count} times${reverse ? ' backwards' : ''}:`, ...body.flatMap(inner => lines(inner, `${indent}  `))]
  }
  const results = (kind: string, slots: readonly Slot[]): string[] =>
    slots.map(({ name, dtype, shape, place: at }) => `${kind} ${JSON.stringify(name)} = ${place(at)} : ${dtype}[${shape.join(',')}]`)
  return [
    ...prepare.map(step => `prepare ${call(step)}`),
    ...steps.flatMap(step => lines(step, '')),
    ...results('output', outputs),
    ...results('loss', losses),
    ...results('update', updates),
  ].join('\n')
}
