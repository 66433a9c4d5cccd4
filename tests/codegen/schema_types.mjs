// The types that codegen/ gives schemas, by the program build/tests/schema_types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// `reading`: "exact" is by the letter of JSON Schema, "declared" is what scripts are checked against.
export function schemaTypes(program, reading) {
  return {
    name: reading === 'exact' ? 'mcpfold' : 'mcpfold, as declared',
    async declare(groups) {
      const folder = mkdtempSync(join(tmpdir(), 'schema-types-'));
      try {
        const file = join(folder, 'schemas.json');
        writeFileSync(file, JSON.stringify(groups.map((group) => group.schema)));
        const text = execFileSync(program, [reading, file], { encoding: 'utf8', maxBuffer: 1 << 28 });
        return text.trimEnd().split('\n');
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}
