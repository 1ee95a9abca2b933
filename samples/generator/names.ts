/** Names that are common in the United Kingdom, in groups so that given and family names suit each other. */
import type { Coded } from './model.js';

export interface NameGroup {
  /** How many of a hundred people come from this group. */
  readonly share: number;
  /** NHS data dictionary ethnic category. */
  readonly ethnicCategory: Coded;
  /** ISO 639-1. */
  readonly language: string;
  readonly women: readonly string[];
  readonly men: readonly string[];
  readonly families: readonly string[];
}

const ethnic = (code: string, text: string): Coded => ({ code, text, system: 'NHSDD' });
const list = (text: string): readonly string[] => text.split(' ');

export const NAME_GROUPS: readonly NameGroup[] = [
  {
    share: 50,
    ethnicCategory: ethnic('A', 'White - British'),
    language: 'en',
    women: list(
      'Margaret Susan Chloë Emily Zoë Patricia Siân Jessica Doris Amelia Grace Janet Hannah Beryl Lucy Eleri Charlotte Katherine Isla Heather',
    ),
    men: list(
      'David John Oliver Harry Gwilym Alan George Callum Kenneth Thomas Jack Rhys Derek Samuel Alfie Angus Stephen Malcolm Lewis Noah',
    ),
    families: list(
      "Smith Jones Taylor Brown Williams Walker Wright Thompson Hughes Edwards Green Hall Clarke Fletcher Parry Llewellyn MacDonald Campbell Ashworth-Hill Barraclough Pemberton Whitfield O'Dowd Thistlethwaite Sewell",
    ),
  },
  {
    share: 6,
    ethnicCategory: ethnic('B', 'White - Irish'),
    language: 'en',
    women: list('Niamh Bríd Aoife Róisín Kathleen'),
    men: list('Seán Pádraig Cormac Michael Ciarán'),
    families: [...list("O'Connor Murphy Byrne Gallagher"), 'Ó Briain'],
  },
  {
    share: 9,
    ethnicCategory: ethnic('C', 'White - Any other White background'),
    language: 'pl',
    women: list('Małgorzata Agnieszka Zofia Ioana Françoise'),
    men: list('Łukasz Paweł Andrei Jürgen José'),
    families: list('Wójcik Kowalczyk Zając Popescu Müller Nuñez Dąbrowski'),
  },
  {
    share: 8,
    ethnicCategory: ethnic('H', 'Asian or Asian British - Indian'),
    language: 'gu',
    women: list('Priya Harpreet Meena Ananya Kavita'),
    men: list('Rajesh Gurpreet Vikram Arjun Sanjay'),
    families: list('Patel Singh Sharma Kaur Iyer Gill Desai'),
  },
  {
    share: 7,
    ethnicCategory: ethnic('J', 'Asian or Asian British - Pakistani'),
    language: 'ur',
    women: list('Ayesha Fatima Zainab Saima'),
    men: list('Imran Muhammad Bilal Tariq'),
    families: list('Khan Hussain Ahmed Malik Mahmood Qureshi'),
  },
  {
    share: 4,
    ethnicCategory: ethnic('K', 'Asian or Asian British - Bangladeshi'),
    language: 'bn',
    women: list('Nasrin Shahida Rumana'),
    men: list('Abdul Shafiq Rafiq'),
    families: list('Begum Uddin Miah Chowdhury'),
  },
  {
    share: 5,
    ethnicCategory: ethnic('M', 'Black or Black British - Caribbean'),
    language: 'en',
    women: list('Marcia Beverley Shanice Gloria'),
    men: list('Winston Delroy Jermaine Errol'),
    families: list('Campbell Grant Francis Bailey Morrison'),
  },
  {
    share: 6,
    ethnicCategory: ethnic('N', 'Black or Black British - African'),
    language: 'so',
    women: list('Ngozi Abena Hodan Temitope'),
    men: list('Kwame Emeka Abdirahman Oluwaseun'),
    families: list('Okonkwo Mensah Warsame Adebayo Osei Nwosu'),
  },
  {
    share: 3,
    ethnicCategory: ethnic('R', 'Other Ethnic Groups - Chinese'),
    language: 'zh',
    women: list('Mei-Ling Xiulan Jing'),
    men: list('Wei Jun Hoi-Ming'),
    families: list('Wong Chan Zhang Liú'),
  },
  {
    share: 2,
    ethnicCategory: ethnic('Z', 'Not stated'),
    language: 'ar',
    women: list('Leyla Yasmin'),
    men: list('Karim Çağlar'),
    families: list('Haddad Yıldırım'),
  },
];
