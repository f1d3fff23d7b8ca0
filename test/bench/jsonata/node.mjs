// Evaluations per second of CPU time of npm's jsonata: of the main thread only, so that what the
// collector and the compiler do beside it does not count against it.
//   node node.mjs WINDOW EXPRESSIONS BINDINGS…
// prints "eval|id|file|rate" and "compile|id||rate"; exits with 3 where the package is not there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const [window, expressions, ...files] = process.argv.slice(2);
let jsonata;
try {
	jsonata = createRequire((process.env.JSONATA_FOLDER ?? process.cwd()) + '/')('jsonata');
} catch {
	process.exit(3);
}

const cpuSeconds = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e9;

async function rate(run) {
	const rates = [];
	for (let i = -2, batch = 1; i < 7; i++) {
		const start = cpuSeconds();
		let count = 0, used;
		do {
			for (let j = 0; j < batch; j++) await run();
			count += batch;
			used = cpuSeconds() - start;
			if (used < window / 20) batch *= 2;
		} while (used < window);
		if (i >= 0) rates.push(count / used);
	}
	return rates.sort((a, b) => a - b)[3];
}

for (const { id, expr } of JSON.parse(readFileSync(expressions, 'utf8'))) {
	for (const file of files) {
		const bindings = JSON.parse(readFileSync(file, 'utf8'));
		const compiled = jsonata(expr);
		console.log(`eval|${id}|${basename(file, '.json')}|${await rate(() => compiled.evaluate(undefined, bindings))}`);
	}
	console.log(`compile|${id}||${await rate(() => jsonata(expr))}`);
}
