/** One known answer. All fields but `tcId` are hexadecimal. */
export interface DriverVector {
  /** Number of the case in its Wycheproof file. */
  readonly tcId: number;
  readonly key: string;
  readonly nonce: string;
  /** The additional data. */
  readonly data: string;
  readonly text: string;
  /** ciphertext ‖ tag(16) */
  readonly sealed: string;
}

/** Known answers by cipher, for plaintexts of 0, 1, 17 and 64 or 65 bytes without additional data, and
 *  two with it. They come from aes_gcm_test.json and
 *  chacha20_poly1305_test.json of C2SP Wycheproof (Apache License 2.0). */
export const DRIVER_VECTORS: Readonly<Record<string, readonly DriverVector[]>> = {
  aes256: [
    {
      tcId: 93,
      key: '80ba3192c803ce965ea371d5ff073cf0f43b6a2ab576b208426e11409c09b9b0',
      nonce: '4da5bf8dfd5852c1ea12379d',
      data: '',
      text: '',
      sealed: '4771a7c404a472966cea8f73c8bfe17a',
    },
    {
      tcId: 94,
      key: 'cc56b680552eb75008f5484b4cb803fa5063ebd6eab91f6ab6aef4916a766273',
      nonce: '99e23ec48985bccdeeab60f1',
      data: '',
      text: '2a',
      sealed: '06633c1e9703ef744ffffb40edf9d14355',
    },
    {
      tcId: 98,
      key: '3b2458d8176e1621c0cc24c0c0e24c1e80d72f7ee9149a4b166176629616d011',
      nonce: '45aaa3e5d16d2d42dc03445d',
      data: '',
      text: '3ff1514b1c503915918f0c0c31094a6e1f',
      sealed: '73a6b6f45f6ccc5131e07f2caa1f2e2f562d7379ec1db5952d4e95d30c340b1b1d',
    },
    {
      tcId: 106,
      key: '81b6b27e5ed90ab99fe6756d4cb41e3f07269687f5afabdb426e29096b5e4466',
      nonce: '13e727486031cca21f733375',
      data: '',
      text: '9a95a23cfb1e35d89a7597570df0fb0efcbb7429f53bebcbbfa49fa247b251a8508ad497066855d08688576188e4ffb12d1d084dcabec3d57806daf215dcc97edd',
      sealed:
        '7ede7368bca3c93d9f1d7f7750d6e44b1cb92c30e3c9834b0b69efd2470911644ae6f6d75715e13aea8781f8da611a13ac6364c406c1a715b7e97acb22b6e6156e74e20a93802f43407c8989a37f013802',
    },
    {
      tcId: 102,
      key: 'f32364b1d339d82e4f132d8f4a0ec1ff7e746517fa07ef1a7f422f4e25a48194',
      nonce: '5a86a50a0e8a179c734b996d',
      data: 'ab2ac7c44c60bdf8228c7884adb20184',
      text: '43891bccb522b1e72a6b53cf31c074e9d6c2df8e',
      sealed: '43dda832e942e286da314daa99bef5071d9d2c78c3922583476ced575404ddb85dd8cd44',
    },
    {
      tcId: 117,
      key: '2ce6b4c15f85fb2da5cc6c269491eef281980309181249ebf2832bd6d0732d0b',
      nonce: 'c064fae9173b173fd6f11f34',
      data: '498d3075b09fed998280583d61bb36b6ce41f130063b80824d1586e143d349b126b16aa10fe57343ed223d6364ee602257fe313a7fc9bf9088f027795b8dc1d3',
      text: 'f8a27a4baf00dc0555d222f2fa4fb42dc666ea3c',
      sealed: 'aed58d8a252f740dba4bf6d36773bd5b41234bba01f93d7456aa184ebb49bea472b6d65d',
    },
  ],
  aes128: [
    {
      tcId: 4,
      key: 'bedcfb5a011ebc84600fcb296c15af0d',
      nonce: '438a547a94ea88dce46c6c85',
      data: '',
      text: '',
      sealed: '960247ba5cde02e41a313c4c0136edc3',
    },
    {
      tcId: 5,
      key: '384ea416ac3c2f51a76e7d8226346d4e',
      nonce: 'b30c084727ad1c592ac21d12',
      data: '',
      text: '35',
      sealed: '547c1e4ae88bb27e5638343cb9fd3f6337',
    },
    {
      tcId: 9,
      key: 'c15ed227dd2e237ecd087eaaaad19ea4',
      nonce: '965ff6643116ac1443a2dec7',
      data: '',
      text: 'fee62fde973fe025ad6b322dcdf3c63fc7',
      sealed: '0de51fe4f7f2d1f0f917569f5c6d1b009c6cd8521422c0177e83ef1b7a845d97db',
    },
    {
      tcId: 16,
      key: 'e12260fcd355a51a0d01bb1f6fa538c2',
      nonce: '5dfc37366f5688275147d3f9',
      data: '',
      text: 'd902deeab175c008329a33bfaccd5c0eb3a6a152a1510e7db04fa0aff7ce4288530db6a80fa7fea582aa7d46d7d56e708d2bb0c5edd3d26648d336c3620ea55e',
      sealed:
        'd33bf6722fc29384fad75f990248b9528e0959aa67ec66869dc3996c67a2d559e7d77ce5955f8cad2a4df5fdc3acccafa7bc0def53d848111256903e5add04208bc833de510863b4b432c3cbf45aa7cc',
    },
    {
      tcId: 13,
      key: '38449890234eb8afab0bbf82e2385454',
      nonce: '33e90658416e7c1a7c005f11',
      data: '4020855c66ac4595058395f367201c4c',
      text: 'f762776bf83163b323ca63a6b3adeac1e1357262',
      sealed: 'a6f2ef3c7ef74a126dd2d5f6673964e27d5b34b6b8bbdc4f5014bc752c8b4e9b87f650a3',
    },
    {
      tcId: 28,
      key: 'c4b03435b91fc52e09eff27e4dc3fb42',
      nonce: '5046e7e08f0747e1efccb09e',
      data: '75fc9078b488e9503dcb568c882c9eec24d80b04f0958c82aac8484f025c90434148db8e9bfe29c7e071b797457cb1695a5e5a6317b83690ba0538fb11e325ca',
      text: '8e887b224e8b89c82e9a641cf579e6879e1111c7',
      sealed: 'b6786812574a254eb43b1cb1d1753564c6b520e9ad8c09610d508f3d0f03cc523c0d5fcc',
    },
  ],
  chacha20: [
    {
      tcId: 2,
      key: '80ba3192c803ce965ea371d5ff073cf0f43b6a2ab576b208426e11409c09b9b0',
      nonce: '4da5bf8dfd5852c1ea12379d',
      data: '',
      text: '',
      sealed: '76acb342cf3166a5b63c0c0ea1383c8d',
    },
    {
      tcId: 4,
      key: 'cc56b680552eb75008f5484b4cb803fa5063ebd6eab91f6ab6aef4916a766273',
      nonce: '99e23ec48985bccdeeab60f1',
      data: '',
      text: '2a',
      sealed: '3acac27dec0968801e9f6eded69d807522',
    },
    {
      tcId: 36,
      key: '3b2458d8176e1621c0cc24c0c0e24c1e80d72f7ee9149a4b166176629616d011',
      nonce: '45aaa3e5d16d2d42dc03445d',
      data: '',
      text: '3ff1514b1c503915918f0c0c31094a6e1f',
      sealed: '02cc3acb5ee1fcdd12a03bb857976474d3d83b7463a2c3800fe958c28eaa290813',
    },
    {
      tcId: 72,
      key: '5b1d1035c0b17ee0b0444767f80a25b8c1b741f4b50a4d3052226baa1c6fb701',
      nonce: 'd61040a313ed492823cc065b',
      data: '',
      text: 'd096803181beef9e008ff85d5ddc38ddacf0f09ee5f7e07f1e4079cb64d0dc8f5e6711cd4921a7887de76e2678fdc67618f1185586bfea9d4c685d50e4bb9a82',
      sealed:
        '9a4ef22b181677b5755c08f747c0f8d8e8d4c18a9cc2405c12bb51bb1872c8e8b877678bec442cfcbb0ff464a64b74332cf072898c7e0eddf6232ea6e27efe509ff3427a0f32fa566d9ca0a78aefc013',
    },
    {
      tcId: 43,
      key: 'cdccfe3f46d782ef47df4e72f0c02d9c7f774def970d23486f11a57f54247f17',
      nonce: '376187894605a8d45e30de51',
      data: '956846a209e087ed',
      text: 'e28e0e9f9d22463ac0e42639b530f42102fded75',
      sealed: '14f707c446988a4903775ec7acec6da114d43112987d4b147c490d43d376a198cab383f0',
    },
    {
      tcId: 105,
      key: '8e34cf73d245a1082a920b86364eb896c4946467bcb3d58929fcb36690e6394f',
      nonce: '6f573aa86baa492ba46596df',
      data: 'bd4cd02fc7502bbdbdf6c9a3cbe8f0',
      text: '16ddd23ff53f3d23c06334487040eb47',
      sealed: 'c1b295936d56fadac03e5f742bff73a139c457dbab66382babb3b55800cda5b8',
    },
  ],
};
