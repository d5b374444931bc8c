/** Calls of gRPC in all four shapes, of many lengths; some of them are refused. */
import { scenario } from 'plimsoll';

const grpc = { url: 'grpc://127.0.0.1:50051', proto: '../../examples/harbour.proto' };
const method = (name: string): string => `harbour.Harbour/${name}`;

export default scenario('calls', { grpc }, async ({ grpc, vary }) => {
  await grpc.call(method('Greet'), { name: vary.line(2), draught_cm: vary.whole(1000, 1999) });
  const positions = grpc.stream(method('Watch'), { positions: vary.whole(0, 40) });
  while ((await positions.receive()) !== null);
  const crates = Array.from({ length: vary.whole(0, 20) }, () => ({ weight_kg: vary.whole(1, 900) }));
  await grpc.call(method('Load'), crates);
  const radio = grpc.stream(method('Radio'));
  const words = vary.whole(1, 9);
  for (let nth = 1; nth <= words; nth++) {
    await radio.send({ text: vary.line(3) });
    await radio.receive();
  }
  await radio.close();
});
