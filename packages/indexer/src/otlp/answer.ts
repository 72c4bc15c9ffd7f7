import protobuf from 'protobufjs/minimal.js';

/** How a request is written, and so its answer. */
export type Encoding = 'json' | 'protobuf';

const CONTENT_TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

/** The body of an answer, with its type. */
export interface AnswerBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** How a request is written, by its content type; `undefined` when OTLP/HTTP does not know that. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === CONTENT_TYPES.json) return 'json';
  return type === CONTENT_TYPES.protobuf ? 'protobuf' : undefined;
}

/** An `ExportLogsServiceResponse` that says that all records were taken. */
export function success(encoding: Encoding): AnswerBody {
  const body = encoding === 'json' ? Buffer.from('{"partialSuccess":{}}') : new Uint8Array();
  return { contentType: CONTENT_TYPES[encoding], body };
}

/** A `google.rpc.Status`, as OTLP/HTTP wants it in every answer that is no success. */
export function failure(encoding: Encoding, code: number, message: string): AnswerBody {
  const body =
    encoding === 'json'
      ? Buffer.from(JSON.stringify({ code, message }))
      : protobuf.Writer.create().uint32(8).int32(code).uint32(18).string(message).finish();
  return { contentType: CONTENT_TYPES[encoding], body };
}
