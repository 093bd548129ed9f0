/** The canonical text of a question: what `parse.ts` reads back to the same. */
import type { FilterSyntax, QuestionSyntax, SelectSyntax, SensorSyntax, SyntaxOption, TestSyntax } from './syntax.ts';
import { quotedName, quotedParameter, quotedValue } from './words.ts';

export function renderQuestion(question: QuestionSyntax): string {
  const what = question.selects.length === 0 ? 'number of machines' : question.selects.map(select).join(' and ');
  const where = question.where === null ? '' : ` with ${renderFilter(question.where)}`;
  return `Get${options(question.options)} ${what} from all machines${where}`;
}

export function renderFilter(filter: FilterSyntax): string {
  switch (filter.kind) {
    case 'group':
      return `${filter.negated ? 'not ' : ''}${groupName(filter.name)}`;
    case 'sensor':
      return `${filter.all ? 'all ' : ''}${renderSensor(filter.sensor)}${test(filter.test)}`;
    default: {
      const inner = filter.parts.map(part).join(` ${filter.kind} `);
      return filter.negated ? `not ( ${inner} )` : inner;
    }
  }
}

export function renderSensor(sensor: SensorSyntax): string {
  const parameters = sensor.parameters.length === 0 ? '' : `[${sensor.parameters.map(quotedParameter).join(',')}]`;
  return `${quotedName(sensor.name)}${parameters}${options(sensor.options)}`;
}

/** Within another one a list keeps its parentheses, so that it need not be known what binds closer. */
function part(filter: FilterSyntax): string {
  const text = renderFilter(filter);
  return (filter.kind === 'and' || filter.kind === 'or') && !filter.negated ? `( ${text} )` : text;
}

/** `All Computers` stands bare, as Tanium has it: no comparison follows, so `All` is no quantifier. */
function groupName(name: string): string {
  const rest = /^(?:all|any) (.+)$/i.exec(name)?.[1];
  return rest !== undefined && quotedName(rest) === rest ? name : quotedName(name);
}

function select({ sensor, test: wanted }: SelectSyntax): string {
  return `${renderSensor(sensor)}${wanted === null ? '' : test(wanted)}`;
}

function test({ negated, operator, value }: TestSyntax): string {
  return `${negated ? ' not' : ''} ${operator} ${quotedValue(value)}`;
}

function options(pairs: readonly SyntaxOption[]): string {
  return pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
