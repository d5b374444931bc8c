/**
 * Calls of gRPC in all four shapes. In the folder of the repository, with `npm install @grpc/grpc-js @grpc/proto-loader`:
 *
 *     npx plimsoll run examples/grpc.ts --rate 50/s --duration 10s --start "node examples/harbour.server.js"
 *
 * One method needs no script: npx plimsoll capacity grpc://localhost:50051/harbour.Harbour/Greet --data '{"name": "Ada"}'.
 */
import { expect, scenario } from 'plimsoll';

interface Greeting {
  readonly text: string;
}
interface Manifest {
  readonly crates: number;
}
interface Position {
  readonly number: number;
}
interface Words {
  readonly text: string;
}

const grpc = { url: 'grpc://127.0.0.1:50051', proto: 'harbour.proto' };

export default scenario('ship', { grpc }, async ({ grpc, vary }) => {
  const greeted = await grpc.call<Greeting>('harbour.Harbour/Greet', {
    name: vary.pick(['Ada', 'Grace']),
    draught_cm: vary.whole(300, 900),
  });
  expect(greeted.ok, true, greeted.message);

  // The target tells as many as it was asked for, and then ends the stream.
  const positions = grpc.stream<Position>('harbour.Harbour/Watch', { ship: 'Ada', positions: 5 });
  let last = 0;
  for await (const { number } of positions) last = number;
  expect(last, 5);

  // A list of messages, one answer.
  const loaded = await grpc.call<Manifest>('harbour.Harbour/Load', [{ weight_kg: 700 }, { weight_kg: 25 }]);
  expect(loaded.value?.crates, 2);

  // A conversation.
  const radio = grpc.stream<Words>('harbour.Harbour/Radio');
  for (const text of ['Ada calling', 'request a pilot']) {
    await radio.send({ text });
    expect((await radio.receive())?.text, `${text}, over`);
  }
  expect((await radio.close()).received, 2);
});
