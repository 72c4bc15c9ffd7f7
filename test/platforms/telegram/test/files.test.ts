import { InputFile } from 'grammy';
import { expect, test } from 'vitest';
import { connect, startTelegram } from './start.ts';

test('takes uploads as multipart and gives the file back', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const { api } = connect(telegram, account);
  const sent = await api.sendDocument(group.id, new InputFile(Buffer.from('content'), 'notes.txt'), {
    caption: '<b>Notes</b>',
    parse_mode: 'HTML',
  });
  expect(sent.document).toMatchObject({ file_name: 'notes.txt', file_size: 7 });
  expect(sent).toMatchObject({ caption: 'Notes', caption_entities: [{ type: 'bold', offset: 0, length: 5 }] });
  const { file_path } = await api.getFile(sent.document.file_id);
  const download = await fetch(`${telegram.url}/file/bot${account.token}/${file_path}`);
  expect(await download.text()).toBe('content');
  expect((await fetch(`${telegram.url}/file/bot1:wrong/${file_path}`)).status).toBe(401);
  expect(telegram.calls[0]).toMatchObject({ method: 'sendDocument', transport: 'multipart', files: ['notes.txt'] });
});

test('takes albums of files that are new, known by id, and on the web', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const { api } = connect(telegram, account);
  const { photo } = await api.sendPhoto(group.id, new InputFile(Buffer.from('cat'), 'cat.jpg'));
  const album = await api.sendMediaGroup(group.id, [
    { type: 'photo', media: new InputFile(Buffer.from('dog'), 'dog.jpg'), caption: 'A dog' },
    { type: 'photo', media: photo[0]?.file_id ?? '' },
    { type: 'photo', media: 'https://example.org/bird.jpg' },
  ]);
  expect(album.map(({ caption }) => caption)).toEqual(['A dog', undefined, undefined]);
  expect(new Set(album.map((message) => 'media_group_id' in message && message.media_group_id)).size).toBe(1);
});

test('refuses files that are not there', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const { api } = connect(telegram, account);
  await expect(api.sendPhoto(group.id, 'nonsense')).rejects.toThrow('wrong file identifier/HTTP URL specified');
  await expect(api.sendPhoto(group.id, new InputFile(Buffer.alloc(0), 'empty.jpg'))).rejects.toThrow(
    'file must be non-empty',
  );
  await expect(api.getFile('nonsense')).rejects.toThrow('wrong file_id or the file is temporarily unavailable');
});

test.for(['my file.txt', 'größe (1).txt', 'say "cheese".txt'])('takes a file named %s', async (name) => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const sent = await connect(telegram, account).api.sendDocument(group.id, new InputFile(Buffer.from('x'), name));
  expect(sent.document.file_name).toBe(name);
});
