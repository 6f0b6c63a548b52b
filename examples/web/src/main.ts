import { openShop } from './shop.js';
import { showShop } from './view.js';

showShop(document.querySelector('#body')!, 'Tokens in the body', openShop('body'));
showShop(document.querySelector('#cookie')!, 'Tokens in cookies', openShop('cookie'));
