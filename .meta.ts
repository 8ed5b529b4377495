import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'
const r = await build({ entryPoints: ['examples/browser/mlp.ts'], bundle: true, minify: true, splitting: true, format: 'esm', platform: 'browser', target: 'es2022', external: ['esbuild'], conditions: ['kerafold-source'], outdir: 'out', write: false, metafile: true, logLevel: 'silent' })
let tot=0
for (const f of r.outputFiles) { const g = gzipSync(f.contents,{level:9}).length; console.log(f.path.split('/').pop(), f.contents.length, g) }
const dirs: Record<string, number> = {}, files: [string, number][] = []
for (const [p,o] of Object.entries(r.metafile.outputs)) { if (!p.includes('mlp')) {console.log(p, JSON.stringify(o.imports), o.bytes)}
 else { console.log(JSON.stringify(o.imports)); }
}
const loaded = new Set(Object.keys(r.metafile.outputs).filter(p=>r.metafile.outputs[p].entryPoint?.includes('mlp.ts')))
for (const p of loaded) for (const i of r.metafile.outputs[p].imports) if (i.kind==='import-statement') loaded.add(i.path)
for (const p of loaded) { for (const [f,i] of Object.entries(r.metafile.outputs[p].inputs)) { if(!i.bytesInOutput) continue; files.push([f,i.bytesInOutput]); const d=f.includes('node_modules')?f.split('node_modules/')[1].split('/')[0]:f.split('/').slice(0,-1).join('/'); dirs[d]=(dirs[d]??0)+i.bytesInOutput } }
const gz=[...loaded].reduce((s,p)=>s+gzipSync(r.outputFiles.find(f=>f.path.endsWith(p))!.contents,{level:9}).length,0)
console.log('GZ', gz)
console.log(Object.entries(dirs).sort((a,b)=>b[1]-a[1]).map(x=>x[1]+' '+x[0]).join('\n'))
if (process.argv[2]) console.log(files.sort((a,b)=>b[1]-a[1]).slice(0,+process.argv[2]).map(x=>x[1]+' '+x[0]).join('\n'))
