import { tickShape } from './auth.tick-shape.js';

it('keeps an object as process.nextTick makes them, so that V8 does not forget how to make them fast', async () => {
  await new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });

  expect(Object.getOwnPropertySymbols(tickShape.kept).map(String)).toContain('Symbol(async_id_symbol)');
});
