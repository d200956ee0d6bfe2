import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** The name of the device that holds a session. */
@Entity('shop_devices')
export class Device {
  @PrimaryColumn('text', { name: 'session_id' })
  sessionId!: string;

  @Column('text')
  name!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
