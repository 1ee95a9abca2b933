/** Languages as BCP 47 names them, by ISO 639-1 and 639-2 code and English name. */
import type { CodedValue, ValueTable } from '../../../engine/pack.js';

/** ISO 639-1 code, ISO 639-2 codes, names (separated by semicolons). */
const ISO_639_1 = `
aa aar Afar
ab abk Abkhazian
af afr Afrikaans
ak aka Akan
sq alb,sqi Albanian
am amh Amharic
ar ara Arabic
an arg Aragonese
hy arm,hye Armenian
as asm Assamese
av ava Avaric
ae ave Avestan
ay aym Aymara
az aze Azerbaijani
ba bak Bashkir
bm bam Bambara
eu baq,eus Basque
be bel Belarusian
bn ben Bengali
bh  Bihari
bi bis Bislama
bo bod,tib Tibetan
bs bos Bosnian
br bre Breton
bg bul Bulgarian
my bur,mya Burmese
ca cat Catalan; Valencian
cs ces,cze Czech
ch cha Chamorro
ce che Chechen
zh chi,zho Chinese
cu chu Church Slavic; Old Slavonic; Church Slavonic; Old Bulgarian; Old Church Slavonic
cv chv Chuvash
kw cor Cornish
co cos Corsican
cr cre Cree
cy cym,wel Welsh
da dan Danish
de deu,ger German
dv div Divehi; Dhivehi; Maldivian
nl dut,nld Dutch; Flemish
dz dzo Dzongkha
el ell,gre Greek; Modern Greek
en eng English
eo epo Esperanto
et est Estonian
ee ewe Ewe
fo fao Faroese
fa fas,per Persian
fj fij Fijian
fi fin Finnish
fr fra,fre French
fy fry Western Frisian
ff ful Fulah
ka geo,kat Georgian
gd gla Gaelic; Scottish Gaelic
ga gle Irish
gl glg Galician
gv glv Manx
gn grn Guarani
gu guj Gujarati
ht hat Haitian; Haitian Creole
ha hau Hausa
he heb Hebrew
hz her Herero
hi hin Hindi
ho hmo Hiri Motu
hr hrv Croatian
hu hun Hungarian
ig ibo Igbo
is ice,isl Icelandic
io ido Ido
ii iii Sichuan Yi
iu iku Inuktitut
ie ile Interlingue
ia ina Interlingua (International Auxiliary Language Association)
id ind Indonesian
ik ipk Inupiaq
it ita Italian
jv jav Javanese
ja jpn Japanese
kl kal Kalaallisut; Greenlandic
kn kan Kannada
ks kas Kashmiri
kr kau Kanuri
kk kaz Kazakh
km khm Central Khmer
ki kik Kikuyu; Gikuyu
rw kin Kinyarwanda
ky kir Kirghiz; Kyrgyz
kv kom Komi
kg kon Kongo
ko kor Korean
kj kua Kuanyama; Kwanyama
ku kur Kurdish
lo lao Lao
la lat Latin
lv lav Latvian
li lim Limburgan; Limburger; Limburgish
ln lin Lingala
lt lit Lithuanian
lb ltz Luxembourgish; Letzeburgesch
lu lub Luba-Katanga
lg lug Ganda
mk mac,mkd Macedonian
mh mah Marshallese
ml mal Malayalam
mi mao,mri Maori
mr mar Marathi
ms may,msa Malay
mg mlg Malagasy
mt mlt Maltese
mo  Moldavian
mn mon Mongolian
na nau Nauru
nv nav Navajo; Navaho
nr nbl Ndebele, South; South Ndebele
nd nde Ndebele, North; North Ndebele
ng ndo Ndonga
ne nep Nepali
nn nno Norwegian Nynorsk; Nynorsk, Norwegian
nb nob Bokmal, Norwegian; Norwegian Bokmal
no nor Norwegian
ny nya Chichewa; Chewa; Nyanja
oc oci Occitan (post 1500); Provencal
oj oji Ojibwa
or ori Oriya
om orm Oromo
os oss Ossetian; Ossetic
pa pan Panjabi; Punjabi
pi pli Pali
pl pol Polish
pt por Portuguese
ps pus Pushto
qu que Quechua
rm roh Romansh
ro ron,rum Romanian
rn run Rundi
ru rus Russian
sg sag Sango
sa san Sanskrit
sr srp Serbian
si sin Sinhala; Sinhalese
sk slk,slo Slovak
sl slv Slovenian
se sme Northern Sami
sm smo Samoan
sn sna Shona
sd snd Sindhi
so som Somali
st sot Sotho, Southern
es spa Spanish; Castilian
sc srd Sardinian
ss ssw Swati
su sun Sundanese
sw swa Swahili
sv swe Swedish
ty tah Tahitian
ta tam Tamil
tt tat Tatar
te tel Telugu
tg tgk Tajik
tl  Tagalog
th tha Thai
ti tir Tigrinya
to ton Tonga (Tonga Islands)
tn tsn Tswana
ts tso Tsonga
tk tuk Turkmen
tr tur Turkish
tw  Twi
ug uig Uighur; Uyghur
uk ukr Ukrainian
ur urd Urdu
uz uzb Uzbek
ve ven Venda
vi vie Vietnamese
vo vol Volapuk
wa wln Walloon
wo wol Wolof
xh xho Xhosa
yi yid Yiddish
yo yor Yoruba
za zha Zhuang; Chuang
zu zul Zulu
`;

/** Languages without a code of two letters that are spoken or signed in the United Kingdom. */
const ISO_639_3 = `
ase ase American Sign Language
asf asf Australian Sign Language
bfi bfi British Sign Language; BSL
ckb ckb Central Kurdish; Sorani
cmn cmn Mandarin; Mandarin Chinese
kmr kmr Northern Kurdish; Kurmanji
prs prs Dari
rom rom Romany; Romani
sco sco Scots
syl syl Sylheti
yue yue Cantonese; Cantonese Chinese
`;

const rowsOf = (list: string): readonly (readonly [string, CodedValue])[] =>
  list
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [code = '', others = '', ...words] = line.split(' ');
      const names = words.join(' ').split('; ');
      const value: CodedValue = { system: 'urn:ietf:bcp:47', code, display: names[0] ?? code };
      const keys = [code, ...others.split(','), ...names].filter((key) => key !== '');
      return keys.map((key) => [key.toUpperCase(), value] as const);
    });

export const languages: ValueTable = Object.fromEntries([...rowsOf(ISO_639_3), ...rowsOf(ISO_639_1)]);
