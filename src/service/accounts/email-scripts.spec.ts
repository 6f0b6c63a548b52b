import { mixesScripts } from './email-scripts.js';
import { emailKey } from './user.js';

describe('an address that looks like another one', () => {
  it.each([
    ['\u0430nn@shop.example', 'a Cyrillic a in a Latin name'],
    ['ann@sh\u043ep.example', 'a Cyrillic o in a Latin domain'],
    ['\u03bfscar@shop.example', 'a Greek omicron in a Latin name'],
    ['\u0430nn\u03bf@shop.example', 'letters of two other scripts'],
    ['\u13aannA@shop.example', 'a letter of a script that few people write'],
  ])('is told by its mixed scripts: %j, %s', (email) => {
    expect(mixesScripts(emailKey(email))).toBe(true);
  });

  it.each([
    'ann+shop-7@shop.example',
    'josé.núñez@müller.example',
    '用户abc@例子.广告',
    'やまだtaro@例え.テスト',
    '김철수kim@예시.테스트',
    'иван.петров@почта.рф',
    'иван@shop.example',
    'नाम@उदाहरण.भारत',
    'ａｎｎ@shop.example',
    'ﬁona@shop.example',
  ])('is none that people write in one language: %s', (email) => {
    expect(mixesScripts(emailKey(email))).toBe(false);
  });
});
