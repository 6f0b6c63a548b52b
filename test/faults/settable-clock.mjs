/*
 * Loaded before the service (`node --import`): a clock that is wrong by CLOCK_SHIFT milliseconds from the first line, or
 * by as much as a message of the parent process says.
 */
const trueNow = Date.now.bind(Date);
let shift = Number(process.env.CLOCK_SHIFT);
Date.now = () => trueNow() + shift;
process.on('message', (message) => {
  shift = message.shift;
});
// The service ends by itself, as it does without this line to its parent.
process.channel?.unref();
