// The held-out images of the main job, as Keras was given them.

import { readFile } from 'node:fs/promises'

export interface Images {
  /** Rows of `size` values from 0 to 1. */
  readonly pixels: Float32Array
  readonly labels: Uint8Array
  readonly count: number
  readonly size: number
  readonly classes: number
  readonly credit: string
}

interface Facts {
  readonly images: number
  readonly pixels: number
  readonly classes: number
  readonly scale: number
  readonly credit: string
}

export async function readImages(): Promise<Images> {
  const here = (name: string) => new URL(name, import.meta.url)
  const facts = JSON.parse(await readFile(here('digits.json'), 'utf8')) as Facts
  return {
    pixels: Float32Array.from(await readFile(here('images.bin')), value => value / facts.scale),
    labels: new Uint8Array(await readFile(here('labels.bin'))),
    count: facts.images,
    size: facts.pixels,
    classes: facts.classes,
    credit: facts.credit,
  }
}
