/** One known answer without additional data. All fields but `tcId` are hexadecimal. */
export interface DriverVector {
  /** Number of the case in its Wycheproof file. */
  readonly tcId: number;
  readonly key: string;
  readonly nonce: string;
  readonly text: string;
  /** ciphertext ‖ tag(16) */
  readonly sealed: string;
}

/** Known answers by cipher, for plaintexts of 0, 1, 17 and 64 or 65 bytes. They come from aes_gcm_test.json and
 *  chacha20_poly1305_test.json of C2SP Wycheproof (Apache License 2.0). */
export const DRIVER_VECTORS: Readonly<Record<string, readonly DriverVector[]>> = {
  aes256: [
    {
      tcId: 93,
      key: '80ba3192c803ce965ea371d5ff073cf0f43b6a2ab576b208426e11409c09b9b0',
      nonce: '4da5bf8dfd5852c1ea12379d',
      text: '',
      sealed: '4771a7c404a472966cea8f73c8bfe17a',
    },
    {
      tcId: 94,
      key: 'cc56b680552eb75008f5484b4cb803fa5063ebd6eab91f6ab6aef4916a766273',
      nonce: '99e23ec48985bccdeeab60f1',
      text: '2a',
      sealed: '06633c1e9703ef744ffffb40edf9d14355',
    },
    {
      tcId: 98,
      key: '3b2458d8176e1621c0cc24c0c0e24c1e80d72f7ee9149a4b166176629616d011',
      nonce: '45aaa3e5d16d2d42dc03445d',
      text: '3ff1514b1c503915918f0c0c31094a6e1f',
      sealed: '73a6b6f45f6ccc5131e07f2caa1f2e2f562d7379ec1db5952d4e95d30c340b1b1d',
    },
    {
      tcId: 106,
      key: '81b6b27e5ed90ab99fe6756d4cb41e3f07269687f5afabdb426e29096b5e4466',
      nonce: '13e727486031cca21f733375',
      text: '9a95a23cfb1e35d89a7597570df0fb0efcbb7429f53bebcbbfa49fa247b251a8508ad497066855d08688576188e4ffb12d1d084dcabec3d57806daf215dcc97edd',
      sealed:
        '7ede7368bca3c93d9f1d7f7750d6e44b1cb92c30e3c9834b0b69efd2470911644ae6f6d75715e13aea8781f8da611a13ac6364c406c1a715b7e97acb22b6e6156e74e20a93802f43407c8989a37f013802',
    },
  ],
  aes128: [
    {
      tcId: 4,
      key: 'bedcfb5a011ebc84600fcb296c15af0d',
      nonce: '438a547a94ea88dce46c6c85',
      text: '',
      sealed: '960247ba5cde02e41a313c4c0136edc3',
    },
    {
      tcId: 5,
      key: '384ea416ac3c2f51a76e7d8226346d4e',
      nonce: 'b30c084727ad1c592ac21d12',
      text: '35',
      sealed: '547c1e4ae88bb27e5638343cb9fd3f6337',
    },
    {
      tcId: 9,
      key: 'c15ed227dd2e237ecd087eaaaad19ea4',
      nonce: '965ff6643116ac1443a2dec7',
      text: 'fee62fde973fe025ad6b322dcdf3c63fc7',
      sealed: '0de51fe4f7f2d1f0f917569f5c6d1b009c6cd8521422c0177e83ef1b7a845d97db',
    },
    {
      tcId: 16,
      key: 'e12260fcd355a51a0d01bb1f6fa538c2',
      nonce: '5dfc37366f5688275147d3f9',
      text: 'd902deeab175c008329a33bfaccd5c0eb3a6a152a1510e7db04fa0aff7ce4288530db6a80fa7fea582aa7d46d7d56e708d2bb0c5edd3d26648d336c3620ea55e',
      sealed:
        'd33bf6722fc29384fad75f990248b9528e0959aa67ec66869dc3996c67a2d559e7d77ce5955f8cad2a4df5fdc3acccafa7bc0def53d848111256903e5add04208bc833de510863b4b432c3cbf45aa7cc',
    },
  ],
  chacha20: [
    {
      tcId: 2,
      key: '80ba3192c803ce965ea371d5ff073cf0f43b6a2ab576b208426e11409c09b9b0',
      nonce: '4da5bf8dfd5852c1ea12379d',
      text: '',
      sealed: '76acb342cf3166a5b63c0c0ea1383c8d',
    },
    {
      tcId: 4,
      key: 'cc56b680552eb75008f5484b4cb803fa5063ebd6eab91f6ab6aef4916a766273',
      nonce: '99e23ec48985bccdeeab60f1',
      text: '2a',
      sealed: '3acac27dec0968801e9f6eded69d807522',
    },
    {
      tcId: 36,
      key: '3b2458d8176e1621c0cc24c0c0e24c1e80d72f7ee9149a4b166176629616d011',
      nonce: '45aaa3e5d16d2d42dc03445d',
      text: '3ff1514b1c503915918f0c0c31094a6e1f',
      sealed: '02cc3acb5ee1fcdd12a03bb857976474d3d83b7463a2c3800fe958c28eaa290813',
    },
    {
      tcId: 72,
      key: '5b1d1035c0b17ee0b0444767f80a25b8c1b741f4b50a4d3052226baa1c6fb701',
      nonce: 'd61040a313ed492823cc065b',
      text: 'd096803181beef9e008ff85d5ddc38ddacf0f09ee5f7e07f1e4079cb64d0dc8f5e6711cd4921a7887de76e2678fdc67618f1185586bfea9d4c685d50e4bb9a82',
      sealed:
        '9a4ef22b181677b5755c08f747c0f8d8e8d4c18a9cc2405c12bb51bb1872c8e8b877678bec442cfcbb0ff464a64b74332cf072898c7e0eddf6232ea6e27efe509ff3427a0f32fa566d9ca0a78aefc013',
    },
  ],
};
