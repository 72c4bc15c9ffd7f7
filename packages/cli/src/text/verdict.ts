import type { CheckReport } from '../journal/check.js';
import type { Paint } from './columns.js';

/**
 * What a check came to, in one line.
 *
 * @param isSigned whether a public key was given.
 */
export function verdict(report: CheckReport, isSigned: boolean, paint: Paint): string {
  const { intact, signed, streams, records, unsigned, findings, omitted = 0 } = report;
  const size = `${count(streams, 'stream')}, ${count(records, 'record')}`;
  if (!intact) {
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const more = omitted > 0 ? `, and ${omitted} more` : '';
    const no = isSigned ? 'not authentic' : 'not consistent';
    return `${paint('red', no)}${extent(report)}: ${count(errors, 'error')}${more} in ${size}`;
  }
  const yes = `${paint('green', isSigned ? 'authentic' : 'consistent')}${isSigned ? '' : ' (unsigned)'}${extent(report)}: ${size}`;
  if (!isSigned) return `${yes}${unused(report)}`;
  const later = signed ? '' : `, but for ${count(unsigned, 'record')} later than the last checkpoint (unsigned)`;
  return `${yes}, ${signedBy(report)}${later}`;
}

/** That less was checked than could be. */
function extent({ quick }: CheckReport): string {
  return quick ? ', chain only: not that each line is a record' : '';
}

function signedBy({ checkpoints, keyIds }: CheckReport): string {
  return `signed by ${keyIds.map(short).join(', ')} in ${count(checkpoints, 'checkpoint')}`;
}

/** That there is more to be had than was asked for. */
function unused({ checkpoints, keyIds }: CheckReport): string {
  if (checkpoints === 0) return '';
  const keys = keyIds.map(short).join(', ');
  return `; ${count(checkpoints, 'checkpoint')}, said to be signed by ${keys}, would tell more with --public-key`;
}

/** The beginning of a key's id tells it from others; whoever has to be sure compares the keys. */
function short(keyId: string): string {
  return keyId.slice(0, 16);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
