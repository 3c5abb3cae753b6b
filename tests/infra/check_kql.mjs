// Checks KQL with Microsoft's own language service (@kusto/language-service-next) against tables' columns. No network.
//   node check_kql.mjs TABLES.json FILE.kql …     TABLES.json: {"AppTraces": {"columns": {"Message": "string", …}}, …}
// Prints one JSON object: {"<file>": {"findings": ["Error: … at line 3", …], "columns": {"view": "string", …}}, …}
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('@kusto/language-service-next/bridge.js'); // defines Bridge, System, Kusto
require('@kusto/language-service-next/Kusto.Language.Bridge.js');
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

const all = (list) => Array.from({ length: list.Count }, (_, i) => list.getItem(i));
const columnsOf = (table) => Object.fromEntries(all(table.Columns).map((column) => [column.Name, column.Type.Name]));

const [tablesFile, ...files] = process.argv.slice(2);
const tables = Object.entries(JSON.parse(readFileSync(tablesFile, 'utf8'))).map(([name, { columns }]) => {
  const schema = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`).join(', ');
  const table = Symbols.TableSymbol.From(`(${schema})`).WithName(name);
  if (JSON.stringify(columnsOf(table)) !== JSON.stringify(columns)) throw new Error(`${name}: a column's type is unknown`);
  return table;
});
const database = new Symbols.DatabaseSymbol.$ctor2('db', null, tables);
if (database.Tables.Count !== tables.length) throw new Error('this version makes a database in another way');
const globals = GlobalState.Default.WithDatabase(database);

const answer = {};
for (const file of files) {
  const query = readFileSync(file, 'utf8');
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const findings = all(code.GetDiagnostics())
    .filter(({ Severity }) => Severity === 'Error' || Severity === 'Warning')
    .map(({ Severity, Message, Start }) => `${Severity}: ${Message} at line ${query.slice(0, Start).split('\n').length}`);
  const isTable = code.ResultType instanceof Symbols.TableSymbol;
  if (!findings.length && !isTable) findings.push('Error: the query returns no table');
  answer[file] = { findings: [...new Set(findings)], columns: isTable ? columnsOf(code.ResultType) : {} };
}
console.log(JSON.stringify(answer));
