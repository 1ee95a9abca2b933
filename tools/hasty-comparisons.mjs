/** What only its maker can know is compared in constant time: `===` tells by its haste how much of a guess is right. */
const macs = '/(hmac|mac|digest|signature|thumbprint)(of)?$/i';
export const hastyComparisons = [
  `Identifier[name=${macs}]`,
  `MemberExpression[property.name=${macs}]`,
  `CallExpression[callee.name=${macs}]`,
  `CallExpression[callee.property.name=${macs}]`,
].map((operand) => ({
  selector: `BinaryExpression[operator=/^[!=]==$/]:has(> ${operand}):not(:has(> Identifier[name='undefined']))`,
  message: 'Compare with timingSafeEqual of node:crypto.',
}));
