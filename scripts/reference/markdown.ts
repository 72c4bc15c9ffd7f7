/** The first lines of every generated page. */
export function heading(title: string, source: string): string {
  return `<!-- Generated from ${source} by \`npm run reference\`. Edit that, not this. -->\n\n# ${title}\n`;
}

/** A Markdown table; what a cell holds can't end it. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => (text === '' ? '' : `\`${text}\``);
