// What a bundle for browsers has in place of the modules that Node loads at once (#eager/…): nothing.

export {}
