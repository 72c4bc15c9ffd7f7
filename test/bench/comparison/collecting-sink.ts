// The process of the sink: takes logs at any path in any encoding of OTLP/HTTP, and keeps by the path's first part which
// records came. While it is down nobody listens at its port.
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { numbersIn } from './record.ts';
import type { SinkAnswer, SinkOrder } from './sink.ts';

const received = new Map<string, Set<number>>();
const sockets = new Set<Socket>();

const server = createServer((request, response) => {
  const key = request.url?.split('/')[1] ?? '';
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const numbers = received.get(key) ?? new Set();
    received.set(key, numbers);
    for (const number of numbersIn(Buffer.concat(chunks))) numbers.add(number);
    response.setHeader('content-type', 'application/json');
    response.end('{"partialSuccess":{}}');
  });
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
});

let port = 0;
const answer = (message: SinkAnswer) => process.send?.(message);
const listen = () =>
  server.listen(port, '127.0.0.1', () => {
    port = (server.address() as AddressInfo).port;
    answer(port);
  });

process.on('message', (order: SinkOrder) => {
  if (order === 'up') return listen();
  if (order === 'down') {
    server.close(() => answer(port));
    for (const socket of sockets) socket.destroy();
    return;
  }
  answer([...(received.get(order.records) ?? [])]);
});
process.on('disconnect', () => process.exit());
listen();
