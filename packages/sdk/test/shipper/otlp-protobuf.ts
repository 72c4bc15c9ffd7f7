/** Reads an OTLP ExportLogsServiceRequest in protobuf as the object that OTLP/JSON has for it, as far as records use it. */
export function requestFromProtobuf(bytes: Uint8Array): { resourceLogs: unknown[] } {
  return { resourceLogs: messages(bytes, 1).map(resourceLogs) };
}

type Field = readonly [number: number, value: bigint | Uint8Array];

function* fields(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(view.getUint8(at++));
      value |= (byte & 127n) << shift;
      if (byte < 128n) return BigInt.asUintN(64, value);
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const type = tag & 7;
    if (type === 0) yield [tag >> 3, varint()];
    else if (type === 1) {
      yield [tag >> 3, view.getBigUint64(at, true)];
      at += 8;
    } else if (type === 2) {
      const length = Number(varint());
      yield [tag >> 3, bytes.subarray(at, at + length)];
      at += length;
    } else if (type === 5) {
      yield [tag >> 3, BigInt(view.getUint32(at, true))];
      at += 4;
    } else throw new Error(`wire type ${type}`);
  }
}

const messages = (bytes: Uint8Array, number: number): Uint8Array[] =>
  [...fields(bytes)].filter(([field]) => field === number).map(([, value]) => value as Uint8Array);
const text = (value: bigint | Uint8Array) => Buffer.from(value as Uint8Array).toString('utf8');
const hex = (value: bigint | Uint8Array) => Buffer.from(value as Uint8Array).toString('hex');

const resourceLogs = (bytes: Uint8Array) => ({
  resource: { attributes: messages(messages(bytes, 1)[0] as Uint8Array, 1).map(keyValue) },
  scopeLogs: messages(bytes, 2).map((scope) => ({ logRecords: messages(scope, 2).map(logRecord) })),
});

function logRecord(bytes: Uint8Array): Record<string, unknown> {
  const record: Record<string, unknown> = { attributes: messages(bytes, 6).map(keyValue) };
  for (const [number, value] of fields(bytes)) {
    if (number === 1) record.timeUnixNano = String(value);
    if (number === 5) record.body = anyValue(value as Uint8Array);
    if (number === 9) record.traceId = hex(value);
    if (number === 10) record.spanId = hex(value);
    if (number === 11) record.observedTimeUnixNano = String(value);
    if (number === 12) record.eventName = text(value);
  }
  return record;
}

function keyValue(bytes: Uint8Array): unknown {
  let key = '';
  let value: unknown;
  for (const [number, content] of fields(bytes)) {
    if (number === 1) key = text(content);
    else value = anyValue(content as Uint8Array);
  }
  return { key, value };
}

function anyValue(bytes: Uint8Array): unknown {
  for (const [number, value] of fields(bytes)) {
    if (number === 1) return { stringValue: text(value) };
    if (number === 2) return { boolValue: value === 1n };
    if (number === 3) return { intValue: String(BigInt.asIntN(64, value as bigint)) };
    if (number === 4) return { doubleValue: new Float64Array(new BigUint64Array([value as bigint]).buffer)[0] };
    if (number === 5) return { arrayValue: { values: messages(value as Uint8Array, 1).map(anyValue) } };
    if (number === 6) return { kvlistValue: { values: messages(value as Uint8Array, 1).map(keyValue) } };
  }
  return {};
}
