// Arguments: what a command was given, already checked.

/** The value of an option: a flag's, a text, or those of one that repeats. */
export type Given = string | boolean | (string | boolean)[] | undefined

export class Arguments {
  private readonly values: Readonly<Record<string, Given>>
  private readonly positionals: readonly string[]

  constructor(values: Readonly<Record<string, Given>>, positionals: readonly string[]) {
    this.values = values
    this.positionals = positionals
  }

  /** The same with one more option. */
  with(name: string, value: string): Arguments {
    return new Arguments({ ...this.values, [name]: value }, this.positionals)
  }

  flag(name: string): boolean {
    return this.values[name] === true
  }

  text(name: string): string | undefined {
    const value = this.values[name]
    return typeof value === 'string' ? value : undefined
  }

  list(name: string): readonly string[] {
    const value = this.values[name]
    return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
  }

  number(name: string): number | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : Number(value)
  }

  /** What stands before the options, by position. */
  positional(position: number): string {
    return this.positionals[position] ?? ''
  }

  get positionalCount(): number {
    return this.positionals.length
  }
}
