/** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks wants it (https://www.standardwebhooks.com). */
export const isWebhookSecret = (text: string): boolean => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
};
