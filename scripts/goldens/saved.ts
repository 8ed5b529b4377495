// Writes the files that saved.py loads with real Keras into the folder it is given.

import { mkdirSync, writeFileSync } from 'node:fs'
import { savedDate, savedModels } from '../../spec/support/savedModels.js'

const [folder = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const [name, make] of Object.entries(savedModels)) {
  const model = await make()
  writeFileSync(`${folder}/${name}.keras`, await model.save(undefined, { date: savedDate }))
  writeFileSync(`${folder}/${name}.weights.h5`, await model.saveWeights())
}
